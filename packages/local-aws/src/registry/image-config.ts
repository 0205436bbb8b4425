import type { BlobStore } from './blob-store.js';
import { type Manifest, mediaTypes } from './manifest.js';

/** What a container runtime reads off an image's configuration. */
export interface ImageConfig {
  readonly labels: Readonly<Record<string, string>>;
  /** `os/architecture`; undefined where the configuration names none. */
  readonly platform?: string;
}

/** Reads the configuration of an image; undefined for artifacts, whose configuration is something else. */
export function readImageConfig(blobs: BlobStore, { config }: Manifest): ImageConfig | undefined {
  if (!config || (config.mediaType !== mediaTypes.ociConfig && config.mediaType !== mediaTypes.dockerConfig))
    return undefined;
  const json = parse(blobs.read(config.digest));
  return {
    labels: json.config?.Labels ?? {},
    ...(json.os && json.architecture ? { platform: `${json.os}/${json.architecture}` } : {}),
  };
}

function parse(bytes: Buffer): {
  os?: string;
  architecture?: string;
  config?: { Labels?: Record<string, string> | null };
} {
  try {
    return JSON.parse(bytes.toString()) ?? {};
  } catch {
    // A registry takes any bytes as a configuration; a runtime would refuse these later.
    return {};
  }
}
