/**
 * A token bucket (API Gateway developer guide, "Throttle requests to your HTTP APIs"). API Gateway applies the limits of
 * a stage to each route, as well as it can; this bucket is for all routes of the stage, and exact.
 */
export class Throttle {
  #rate: number;
  #burst: number;
  #tokens: number;
  #filledAt: number;
  #now: () => number;

  /** @param now in milliseconds, for tests */
  constructor({ rate, burst }: { rate: number; burst: number }, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#now = now;
    this.#filledAt = now();
  }

  /** @returns false if there is no token for the request */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1_000) * this.#rate);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
