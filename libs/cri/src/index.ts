export { type CriOptions, createCri } from "./create-cri.ts";
export type { Cri, CriCallOptions, RuntimeClient, UnaryMethods } from "./cri.ts";
