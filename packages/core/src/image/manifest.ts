/** What points to a blob or manifest: its type, digest and exact size. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  readonly platform?: Platform | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Foreign layers are fetched from here and never pushed. */
  readonly urls?: readonly string[] | undefined;
}

/** In Go's words: `linux`, `amd64`, `arm64`; the variant of an ARM is `v7`, `v8`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** One image for one platform: OCI's image manifest or docker's schema 2. */
export interface ImageManifest {
  readonly mediaType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** A list of images, one a platform: OCI's image index or docker's manifest list. */
export interface ImageIndex {
  readonly mediaType?: string | undefined;
  readonly manifests: readonly Descriptor[];
}

/** Media type of {@link ImageIndex} in the OCI's form. */
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
/** Media type of {@link ImageManifest} in the OCI's form. */
export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

/** Every media type of a manifest that this library understands, for an `Accept` header. */
export const IMAGE_MEDIA_TYPES: readonly string[] = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST];

/** True for a list of images, of the OCI or of docker. */
export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === OCI_INDEX || mediaType === DOCKER_LIST;
}

/** True for a single image, of the OCI or of docker. */
export function isManifestMediaType(mediaType: string): boolean {
  return mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST;
}
