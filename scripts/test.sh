#!/usr/bin/env bash
# Every test, with what they need installed first: static checks, then each group of tests.
# The last line is "N passed, N failed"; static checks count by name. Exit code 1 if anything failed.
# scripts/test.sh GROUP... runs only these groups, without the static checks.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

all_groups=(unit integration contract e2e chaos compose)
# No group may hang for ever: minutes.
declare -A limit=([unit]=5 [integration]=10 [contract]=5 [e2e]=15 [chaos]=20 [compose]=20)
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

stamped() { while IFS= read -r line; do printf '%(%H:%M:%S)T %s\n' -1 "$line"; done; }

if ! scripts/setup.sh --for-tests; then
  printf '\nsetup failed\n\n0 passed, 1 failed\n'
  exit 1
fi
export PATH="$PWD/.tools/node_modules/.bin:$PWD/node_modules/node/bin:$PWD/node_modules/.bin:$PATH"
[ -t 1 ] || export NO_COLOR=1

if [ $# -gt 0 ]; then
  groups=("$@")
  counted=("$@")
else
  groups=("${all_groups[@]}")
  counted=(lint "${all_groups[@]}")
  echo "static checks" | stamped
  LINT_REPORT="$results/lint.txt" scripts/lint.sh 2>&1 | stamped
fi

for group in "${groups[@]}"; do
  echo "tests: $group" | stamped
  PODBUS_TEST_GROUP=$group PODBUS_TEST_SUMMARY="$results/$group.json" \
    timeout --kill-after=30s "${limit[$group]:-15}m" \
    vitest run --project "$group" --passWithNoTests --reporter=default \
    --reporter=./scripts/test-results/summary-reporter.ts </dev/null 2>&1 | stamped
done

node scripts/test-results/print-totals.ts "$results" "${counted[@]}"
