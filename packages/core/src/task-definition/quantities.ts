/**
 * Task-level `cpu` in CPU units. ECS takes units (`"1024"`) and vCPUs (`"1 vCPU"`, `".5 vcpu"`).
 * `undefined` for anything else. Source: developer guide, "Task size".
 */
export function cpuUnits(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const vcpus = /^(\d+|\d*\.\d+)\s*vcpus?$/i.exec(text.trim())?.[1];
  const units = vcpus === undefined ? Number.NaN : Number(vcpus) * 1024;
  return Number.isInteger(units) ? units : undefined;
}

/**
 * Task-level `memory` in MiB. ECS takes MiB (`"512"`) and GB (`"2 GB"`, `".5GB"`); a GB is 1024 MiB.
 * `undefined` for anything else. Source: developer guide, "Task size".
 */
export function memoryMiB(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const gigabytes = /^(\d+|\d*\.\d+)\s*gb$/i.exec(text.trim())?.[1];
  const mebibytes = gigabytes === undefined ? Number.NaN : Number(gigabytes) * 1024;
  return Number.isInteger(mebibytes) ? mebibytes : undefined;
}
