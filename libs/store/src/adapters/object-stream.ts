import { JetStreamApiError, type JetStreamManager, type StreamConfig, type StreamInfo } from "@nats-io/jetstream";
import { envelopeBytes } from "../domain/envelope.ts";
import { maxObjectBytes } from "../domain/object-size.ts";
import { sealingBytes } from "../domain/sealed-value.ts";
import type { StoreLog } from "../store-log.ts";

/** JetStream API error codes (nats-server server/errors.json). */
export const apiCodes = {
  streamNotFound: 10059,
  streamNameInUse: 10058,
  wrongLastSequence: 10071,
  wrongLastSequenceUnknown: 10164,
  messageTooLarge: 10054,
} as const;

export function isApiError(thrown: unknown, ...codes: readonly number[]): thrown is JetStreamApiError {
  return thrown instanceof JetStreamApiError && (codes.length === 0 || codes.includes(thrown.code));
}

export interface ObjectStreamOptions {
  readonly bucket: string;
  readonly replicas: number | undefined;
}

/**
 * Values kept per key. Only the last one counts; the others let a consumer that was away resume without a gap.
 * 16 is more than a pod's whole start, and two and a half minutes of a Lease renewed every ten seconds.
 */
const history = 16;

/** Longer than a write may take (writeDeadlineMs), so that a repeated write is known for what it is. */
const duplicateWindowMs = 60_000;

const maxMessageBytes = maxObjectBytes + 2 * envelopeBytes + sealingBytes;

/** Makes the bucket's stream, as KV does (ADR-8), or brings an existing one up to what we need. */
export async function ensureObjectStream(
  manager: JetStreamManager,
  options: ObjectStreamOptions,
  log: StoreLog,
): Promise<StreamInfo> {
  const wanted = streamConfig(options);
  const existing = await findStream(manager, wanted.name);
  if (!existing) return await addStream(manager, wanted);
  const differs = Object.entries(wanted).some(([k, v]) => differ(existing.config[k as keyof StreamConfig], v));
  if (!differs) return existing;
  log.info({ stream: wanted.name }, "changing the stream's settings to those of this version");
  return await manager.streams.update(wanted.name, { ...existing.config, ...wanted });
}

type WantedConfig = Partial<StreamConfig> & Pick<StreamConfig, "name">;

function streamConfig({ bucket, replicas }: ObjectStreamOptions): WantedConfig {
  return {
    name: `KV_${bucket}`,
    subjects: [`$KV.${bucket}.>`],
    storage: "file",
    retention: "limits",
    discard: "new",
    max_msgs_per_subject: history,
    max_msg_size: maxMessageBytes,
    duplicate_window: duplicateWindowMs * 1e6,
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: true,
    ...(replicas === undefined ? {} : { num_replicas: replicas }),
  };
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    if (isApiError(error, apiCodes.streamNotFound)) return undefined;
    throw error;
  }
}

async function addStream(manager: JetStreamManager, wanted: WantedConfig): Promise<StreamInfo> {
  try {
    return await manager.streams.add(wanted);
  } catch (error) {
    // Another store was faster.
    if (isApiError(error, apiCodes.streamNameInUse)) return await manager.streams.info(wanted.name);
    throw error;
  }
}

function differ(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
