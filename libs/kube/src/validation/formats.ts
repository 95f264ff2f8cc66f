import { isIP } from "node:net";

/**
 * Formats of names and values; each function gives the problems, in the words of
 * staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go. Empty: fine.
 */
function regexProblem(text: string, pattern: string, examples: readonly string[]): string {
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return `${text} (e.g. ${list}regex used for validation is '${pattern}')`;
}

export function maxLengthProblem(length: number): string {
  return `must be no more than ${length} characters`;
}

const labelPattern = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const labelRegex = new RegExp(`^${labelPattern}$`);
const labelProblem = regexProblem(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  labelPattern,
  ["my-name", "123-abc"],
);

export function dnsLabelProblems(value: string): string[] {
  return [...(value.length > 63 ? [maxLengthProblem(63)] : []), ...(labelRegex.test(value) ? [] : [labelProblem])];
}

const serviceNamePattern = "[a-z]([-a-z0-9]*[a-z0-9])?";
const serviceNameRegex = new RegExp(`^${serviceNamePattern}$`);
const serviceNameProblem = regexProblem(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  serviceNamePattern,
  ["my-name", "abc-123"],
);

/** RFC 1035, older than 1123: names of Services may not begin with a digit. */
export function dns1035LabelProblems(value: string): string[] {
  return [
    ...(value.length > 63 ? [maxLengthProblem(63)] : []),
    ...(serviceNameRegex.test(value) ? [] : [serviceNameProblem]),
  ];
}

const subdomainPattern = `${labelPattern}(\\.${labelPattern})*`;
const subdomainRegex = new RegExp(`^${subdomainPattern}$`);
const subdomainProblem = regexProblem(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomainPattern,
  ["example.com"],
);

export function dnsSubdomainProblems(value: string): string[] {
  if (value.length > 253) return [maxLengthProblem(253), ...(subdomainRegex.test(value) ? [] : [subdomainProblem])];
  return subdomainRegex.test(value) ? [] : [subdomainProblem];
}

const namePattern = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const nameRegex = new RegExp(`^${namePattern}$`);
const nameExamples = ["MyName", "my.name", "123-abc"];
const nameText =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

/** "name" or "prefix/name": keys of labels, annotations, resources, taints. */
export function qualifiedNameProblems(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    const problem = regexProblem(`a qualified name ${nameText}`, namePattern, nameExamples);
    return [`${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const [prefix, name] = parts.length === 2 ? [parts[0] ?? "", parts[1] ?? ""] : [undefined, value];
  const problems: string[] = [];
  if (prefix === "") problems.push("prefix part must be non-empty");
  else if (prefix !== undefined)
    problems.push(...dnsSubdomainProblems(prefix).map((problem) => `prefix part ${problem}`));
  if (name === "") problems.push("name part must be non-empty");
  else if (name.length > 63) problems.push(`name part ${maxLengthProblem(63)}`);
  if (!nameRegex.test(name)) problems.push(regexProblem(`name part ${nameText}`, namePattern, nameExamples));
  return problems;
}

const labelValuePattern = `(${namePattern})?`;
const labelValueRegex = new RegExp(`^${labelValuePattern}$`);

export function labelValueProblems(value: string): string[] {
  return [
    ...(value.length > 63 ? [maxLengthProblem(63)] : []),
    ...(labelValueRegex.test(value)
      ? []
      : [
          regexProblem(
            "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            labelValuePattern,
            ["MyValue", "my_value", "12345"],
          ),
        ]),
  ];
}

const envNamePattern = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const envNameRegex = new RegExp(`^${envNamePattern}$`);

function dotProblems(value: string): string[] {
  if (value === "." || value === "..") return [`must not be '${value}'`];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

export function envVarNameProblems(value: string): string[] {
  const wrong = envNameRegex.test(value)
    ? []
    : [
        regexProblem(
          "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
          envNamePattern,
          ["my.env-name", "MY_ENV.NAME", "MyEnvName1"],
        ),
      ];
  return [...wrong, ...dotProblems(value)];
}

const configKeyPattern = "[-._a-zA-Z0-9]+";
const configKeyRegex = new RegExp(`^${configKeyPattern}$`);

/** Keys of ConfigMaps and Secrets. */
export function configKeyProblems(value: string): string[] {
  const long = value.length > 253 ? [maxLengthProblem(253)] : [];
  const wrong = configKeyRegex.test(value)
    ? []
    : [
        regexProblem("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", configKeyPattern, [
          "key.name",
          "KEY_NAME",
          "key-name",
        ]),
      ];
  return [...long, ...wrong, ...dotProblems(value)];
}

const headerPattern = "[-A-Za-z0-9]+";
const headerRegex = new RegExp(`^${headerPattern}$`);

export function httpHeaderNameProblems(value: string): string[] {
  if (headerRegex.test(value)) return [];
  return [
    regexProblem("a valid HTTP header must consist of alphanumeric characters or '-'", headerPattern, [
      "X-Header-Name",
    ]),
  ];
}

export function portNumberProblems(value: number): string[] {
  return Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : ["must be between 1 and 65535, inclusive"];
}

export function portNameProblems(value: string): string[] {
  const problems: string[] = [];
  if (value.length > 15) problems.push(maxLengthProblem(15));
  if (!/^[-a-z0-9]+$/.test(value))
    problems.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) problems.push("must contain at least one letter (a-z)");
  if (value.includes("--")) problems.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) problems.push("must not begin or end with a hyphen");
  return problems;
}

export function ipProblems(value: string): string[] {
  return isIP(value) !== 0 ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
}

export function absolutePathProblems(value: string): string[] {
  return value.startsWith("/") ? [] : ["must be an absolute path"];
}

/** Paths inside a volume. */
export function localPathProblems(value: string): string[] {
  const problems: string[] = [];
  if (value.startsWith("/")) problems.push("must be a relative path");
  problems.push(...backStepProblems(value));
  return problems;
}

export function backStepProblems(value: string): string[] {
  return value.split("/").includes("..") ? ["must not contain '..'"] : [];
}

/** apimachinery/pkg/api/validation/path/name.go: any name that can stand in a URL's path. */
export function pathSegmentProblems(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return ["/", "%"].filter((sign) => value.includes(sign)).map((sign) => `may not contain '${sign}'`);
}
