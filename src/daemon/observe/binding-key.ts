/** Of a binding among all of a node. */
export function lmaKey(id: string): string {
  return `lma:${id}`;
}

/** `mac` as text of six octets with colons. */
export function magKey(mag: string, mac: string): string {
  return `mag:${mag}/${mac}`;
}
