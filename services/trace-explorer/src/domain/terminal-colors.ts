export interface Paint {
  faint(text: string): string;
  strong(text: string): string;
  name(text: string, failed: boolean): string;
  service(text: string, service: string): string;
  bar(text: string, service: string, failed: boolean): string;
  failure(text: string): string;
}

/** SGR codes that read well on dark and on light terminals; red stays for failures. */
const serviceColors = ["36", "32", "35", "34", "33", "96", "92", "95", "94"];

/** Colors services in the order given; without color every text stays as it is. */
export function painter(color: boolean, services: readonly string[]): Paint {
  const sgr = (code: string, text: string) => (color && text.length > 0 ? `\u001b[${code}m${text}\u001b[0m` : text);
  const codeOf = (service: string) =>
    serviceColors[Math.max(0, services.indexOf(service)) % serviceColors.length] ?? "0";
  return {
    faint: (text) => sgr("2", text),
    strong: (text) => sgr("1", text),
    name: (text, failed) => (failed ? sgr("31", text) : text),
    service: (text, service) => sgr(codeOf(service), text),
    bar: (text, service, failed) => sgr(failed ? "31" : codeOf(service), text),
    failure: (text) => sgr("31", text),
  };
}
