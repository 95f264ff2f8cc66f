import type { PodbusError } from "@podbus/errors";

/** ADR-32's counters of one endpoint. */
export class EndpointStats {
  #requests = 0;
  #errors = 0;
  #lastError = "";
  #processingNs = 0;

  count(durationMs: number, error: PodbusError | undefined): void {
    this.#requests++;
    this.#processingNs += Math.round(durationMs * 1e6);
    if (!error) return;
    this.#errors++;
    this.#lastError = `${error.code}: ${error.message}`;
  }

  report(): object {
    return {
      num_requests: this.#requests,
      num_errors: this.#errors,
      last_error: this.#lastError,
      processing_time: this.#processingNs,
      average_processing_time: this.#requests === 0 ? 0 : Math.round(this.#processingNs / this.#requests),
    };
  }
}
