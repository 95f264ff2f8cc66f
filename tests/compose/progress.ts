/** Answers a function that writes a line with the time since now: what takes minutes must show that it goes on. */
export function startProgress(): (done: string) => void {
  const start = performance.now();
  return (done) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
    process.stdout.write(`compose ${seconds} s  ${done}\n`);
  };
}
