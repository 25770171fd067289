import { streamName, type StreamAddress, type World } from "workflow/world";

export function bytes(...chunks: readonly string[]): readonly Uint8Array[] {
  return chunks.map((text) => new TextEncoder().encode(text));
}

export function texts(chunks: readonly Uint8Array[]): readonly string[] {
  return chunks.map((chunk) => new TextDecoder().decode(chunk));
}

export function ofRun(runId: string, namespace?: string): StreamAddress {
  return { runId, name: streamName(runId, namespace) };
}

export async function all(world: World, stream: StreamAddress, startIndex = 0): Promise<readonly string[]> {
  return texts((await world.streams.read(stream, { startIndex })).chunks);
}
