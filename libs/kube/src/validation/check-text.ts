import { type FieldError, invalid, notSupported, required } from "./field-error.ts";

/** What is wrong with a text, if there is one, by one of the formats. */
export function checkFormat(
  field: string,
  value: string | undefined,
  problemsOf: (value: string) => string[],
): FieldError[] {
  return value === undefined ? [] : problemsOf(value).map((problem) => invalid(field, value, problem));
}

/** A text that must be there and be one of these. */
export function checkChoice(field: string, value: string | undefined, choices: readonly string[]): FieldError[] {
  if (value === undefined || value === "") return [required(field)];
  return choices.includes(value) ? [] : [notSupported(field, value, choices)];
}
