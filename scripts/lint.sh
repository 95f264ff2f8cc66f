#!/usr/bin/env bash
# Every static check, each by its name; all are run even if one fails. Exit code 1 if any failed.
# With LINT_REPORT=FILE it also writes "ok NAME", "failed NAME" or "skipped NAME<tab>REASON" per check, for scripts/test.sh.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.tools/node_modules/.bin:$PWD/node_modules/node/bin:$PWD/node_modules/.bin:$PATH"
report=${LINT_REPORT:-/dev/null}
: >"$report"
failures=0

check() { # check NAME COMMAND...
  local name=$1 output started=$SECONDS
  shift
  if output=$("$@" 2>&1); then
    printf 'lint: %-28s ok (%d s)\n' "$name" $((SECONDS - started))
    echo "ok $name" >>"$report"
  else
    printf 'lint: %-28s FAILED\n%s\n' "$name" "$output"
    echo "failed $name" >>"$report"
    failures=$((failures + 1))
  fi
}

skip() { # skip NAME REASON
  printf 'lint: %-28s skipped: %s\n' "$1" "$2"
  printf 'skipped %s\t%s\n' "$1" "$2" >>"$report"
}

generated_files_fresh() {
  local fresh
  fresh=$(mktemp -d)
  # The template's output paths are relative to -o.
  buf generate -o "$fresh" && diff -r "$fresh/libs/contracts/src/gen" libs/contracts/src/gen
  local outcome=$?
  rm -rf "$fresh"
  [ $outcome = 0 ] || echo 'generated files are not what proto/ says: run "make generate"'
  return $outcome
}

launcher_and_scripts_parse() {
  local script
  for script in podbus scripts/*.sh .ci/run; do bash -n "$script" || return 1; done
}

# What the main branch has; where that is just what is checked out here, what it had a commit ago.
breaking_base() {
  local base
  for base in origin/main main HEAD~1; do
    base=$(git rev-parse --verify --quiet "$base^{commit}") || continue
    git ls-tree -r --name-only "$base" proto | grep '\.proto$' >/dev/null || continue
    [ "$base" = "$(git rev-parse HEAD)" ] && [ -z "$(git status --porcelain proto)" ] && continue
    echo "$base"
    return
  done
  return 1
}

breaking() {
  local base=$1
  # A shallow or bare copy is enough: only that commit's proto/ is read.
  local before
  before=$(mktemp -d)
  git archive "$base" proto buf.yaml | tar -x -C "$before" && buf breaking --against "$before"
  local outcome=$?
  rm -rf "$before"
  return $outcome
}

check "format and lint" biome check --error-on-warnings .
check "types" tsc --noEmit
check "dependency rules" node scripts/dependencies/check.ts
check "contracts: lint" buf lint
check "contracts: generated files" generated_files_fresh
if base=$(breaking_base); then
  check "contracts: breaking changes" breaking "$base"
else
  skip "contracts: breaking changes" "no earlier commit of the main branch has contracts to compare with"
fi
check "shell scripts" launcher_and_scripts_parse

exit $((failures > 0))
