export { findBinary, requireBinary, toolsDir, toolsPath } from "./find-binary.ts";
