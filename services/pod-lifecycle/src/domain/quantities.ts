const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

function value(quantity: string): number {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([a-zA-Z]*)$/.exec(quantity);
  return match ? Number(match[1]) * (factors[match[2] ?? ""] ?? 0) : 0;
}

/** Thousandths of a CPU, rounded up; 0 if absent. */
export const cpuMilli = (quantity: string | undefined): number =>
  quantity ? Math.ceil(value(quantity) * 1000 - 1e-9) : 0;

/** Bytes or pieces, rounded up; 0 if absent. */
export const wholeValue = (quantity: string | undefined): number => (quantity ? Math.ceil(value(quantity)) : 0);
