import { type TObject, type TProperties, Type } from 'typebox';

/** An object with these members and no others. */
export function closed<Members extends TProperties>(members: Members, options: object = {}): TObject<Members> {
  return Type.Object(members, { additionalProperties: false, ...options });
}

export const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const count = (description: string) => Type.Integer({ minimum: 0, description });

/** What an operator names something by. */
export const nameText = (description: string) => Type.String({ minLength: 1, maxLength: 253, description });

export const macText = (description: string) =>
  Type.String({ minLength: 1, maxLength: 32, description, examples: ['00:24:d7:8e:21:a4', '0024.d78e.21a4'] });

export const timestamp = (description: string) => Type.String({ description, examples: ['2026-01-01T12:00:00.000Z'] });

export const role = Type.Union([Type.Literal('lma'), Type.Literal('mag')], {
  description: 'Whose binding it is: of a local mobility anchor, or of a mobile access gateway',
});

export const traffic = closed(
  {
    up: closed({ packets: count('Packets from mobile nodes'), octets: count('Octets from mobile nodes') }),
    down: closed({ packets: count('Packets to mobile nodes'), octets: count('Octets to mobile nodes') }),
  },
  { description: 'What was carried; up is from the mobile node' },
);
