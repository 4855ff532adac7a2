import { ANYWHERE, defineMobilityOption, exactly } from '../option.ts';

/** Registry "Access Technology Type Option type values"; RFC 5213 §8.5 "Access Technology Type Option". */
export const AccessTechnologyType = {
  RESERVED: 0,
  VIRTUAL: 1,
  PPP: 2,
  IEEE_802_3: 3,
  IEEE_802_11: 4,
  IEEE_802_16E: 5,
  GERAN: 6,
  UTRAN: 7,
  E_UTRAN: 8,
  EHRPD: 9,
  HRPD: 10,
  ONE_X_RTT: 11,
  UMB: 12,
  NB_IOT: 13,
} as const;

export interface AccessTechnologyTypeOption {
  readonly kind: 'access-technology-type';
  readonly accessTechnology: number;
}

export const accessTechnologyType = defineMobilityOption<AccessTechnologyTypeOption>({
  type: 24,
  kind: 'access-technology-type',
  name: 'Access Technology Type',
  rfc: 'RFC 5213 §8.5 "Access Technology Type Option"',
  align: ANYWHERE,
  length: exactly(2),
  decode: (bytes, at) => ({ kind: 'access-technology-type', accessTechnology: bytes[at + 1] as number }),
  encode(option, out, at) {
    out[at] = 0;
    out[at + 1] = option.accessTechnology;
    return at + 2;
  },
});
