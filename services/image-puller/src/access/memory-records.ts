import type { PullRecordStore } from "../ports.ts";

/** Records that live as long as the runtime of a test does: what is kept in memory is all there is. */
export function memoryRecords(): PullRecordStore {
  const done = () => Promise.resolve();
  return {
    load: () => Promise.resolve({ records: [], unreadable: [], intents: [] }),
    writeIntent: done,
    removeIntent: done,
    writeRecord: done,
    removeRecord: done,
  };
}
