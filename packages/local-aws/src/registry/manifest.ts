import { isDigest } from './digest.js';
import { InvalidParameterError } from './errors.js';

/** A descriptor of the OCI image specification, as far as a registry reads it. */
interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly os?: string; readonly architecture?: string; readonly variant?: string };
}

/** What a registry reads off a manifest. */
export interface Manifest {
  readonly mediaType: string;
  readonly kind: 'image' | 'index';
  /** Absent from an index. */
  readonly config?: Descriptor;
  readonly layers: readonly Descriptor[];
  /** The manifests behind an index. */
  readonly children: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** ECR takes manifests up to 4 MiB (`PutImage`, member `imageManifest`). */
export const maximumManifestBytes = 4 * 1024 * 1024;

export const mediaTypes = {
  ociImage: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerImage: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const;

const kinds: Readonly<Record<string, Manifest['kind']>> = {
  [mediaTypes.ociImage]: 'image',
  [mediaTypes.dockerImage]: 'image',
  [mediaTypes.ociIndex]: 'index',
  [mediaTypes.dockerIndex]: 'index',
};

/**
 * Reads a manifest of version 2 (OCI or Docker). `declaredMediaType` is what the client says beside
 * it; a manifest that says otherwise itself is refused.
 * @throws InvalidParameterError at `ImageManifest`.
 */
export function parseManifest(bytes: Buffer, declaredMediaType?: string): Manifest {
  const json = parseObject(bytes);
  if (json['schemaVersion'] !== 2) throw invalid('Unsupported schema version');
  const mediaType = declaredMediaType ?? json['mediaType'] ?? defaultMediaType(json);
  const kind = kinds[mediaType];
  if (!kind) throw invalid(`Unsupported manifest media type '${mediaType}'`);
  if (json['mediaType'] !== undefined && json['mediaType'] !== mediaType)
    throw invalid(`Manifest media type '${json['mediaType']}' differs from the declared '${mediaType}'`);

  const common = {
    mediaType,
    kind,
    ...(json['subject'] ? { subject: descriptor(json['subject']) } : {}),
    ...(json['artifactType'] ? { artifactType: String(json['artifactType']) } : {}),
    ...(json['annotations'] ? { annotations: json['annotations'] } : {}),
  };
  return kind === 'index'
    ? { ...common, layers: [], children: descriptors(json['manifests']) }
    : {
        ...common,
        config: descriptor(json['config']),
        layers: descriptors(json['layers']),
        children: [],
      };
}

/** The blobs that must be in the repository. Layers that live elsewhere (`urls`) need not. */
export function requiredBlobs({ config, layers }: Manifest): string[] {
  const local = layers.filter((layer) => !layer.urls?.length && !isForeign(layer.mediaType));
  return [...new Set([...(config ? [config] : []), ...local].map(({ digest }) => digest))];
}

/** The artifact type that the referrers API lists: its own, or else its configuration's media type. */
export function artifactTypeOf({ artifactType, config }: Manifest): string | undefined {
  return artifactType ?? config?.mediaType;
}

function isForeign(mediaType: string): boolean {
  return mediaType.includes('.nondistributable.') || mediaType.includes('.foreign.');
}

function parseObject(bytes: Buffer): Record<string, any> {
  try {
    const json: unknown = JSON.parse(bytes.toString());
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  } catch {
    // Said below.
  }
  throw invalid('Invalid JSON syntax');
}

function defaultMediaType(json: Record<string, any>): string {
  if (Array.isArray(json['manifests'])) return mediaTypes.ociIndex;
  return json['config']?.mediaType === mediaTypes.dockerConfig ? mediaTypes.dockerImage : mediaTypes.ociImage;
}

function descriptors(value: unknown): Descriptor[] {
  if (!Array.isArray(value)) throw invalid('Invalid JSON syntax');
  return value.map(descriptor);
}

function descriptor(value: any): Descriptor {
  if (typeof value?.digest !== 'string' || !isDigest(value.digest) || typeof value.size !== 'number')
    throw invalid('Invalid JSON syntax');
  return value;
}

function invalid(constraint: string): InvalidParameterError {
  return new InvalidParameterError('ImageManifest', constraint);
}
