export { type BackOffOptions, BackOffTable } from "./back-off-table.ts";
export { type Clock, systemClock } from "./clock.ts";
export { FakeClock } from "./fake-clock.ts";
export { pause } from "./pause.ts";
