export { goQuote } from "./go-quote.ts";
export { type Code, codes, isCode, PodbusError, type PodbusErrorInit, toPodbusError } from "./podbus-error.ts";
