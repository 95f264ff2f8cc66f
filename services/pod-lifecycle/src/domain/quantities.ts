import { milliValue, quantityValue } from "@podbus/kube";

/** Thousandths of a CPU, rounded up; 0 if absent. */
export const cpuMilli = (quantity: string | undefined): number => (quantity ? milliValue(quantity) : 0);

/** Bytes or pieces, rounded up; 0 if absent. */
export const wholeValue = (quantity: string | undefined): number => (quantity ? quantityValue(quantity) : 0);
