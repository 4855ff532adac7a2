/** A key or password. `show running-config` prints it as type 7 when it is `encrypted`. */
export interface Secret {
  text: string;
  encrypted?: true;
}
