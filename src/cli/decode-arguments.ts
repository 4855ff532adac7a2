/** What the words after `mooring decode` ask for. */
export interface DecodeRequest {
  readonly form: 'tree' | 'summary' | 'json' | 'ladder';
  /** Every packet, not only signalling. */
  readonly all: boolean;
  /** Name the RFC section of each message and option. */
  readonly sections: boolean;
  readonly help: boolean;
  /** A file name, `-`, or hexadecimal octets. */
  readonly words: readonly string[];
}

export const DECODE_HELP = `Usage: mooring decode [options] FILE | - | OCTETS

Prints the signalling of a capture: Mobility Header messages over IPv6 and over UDP port 5436, DHCP, router
solicitations and advertisements, layer-2 updates. FILE is a pcap or pcapng file, "-" the standard input; OCTETS is one
Mobility Header, IP packet or Ethernet frame in hexadecimal.

Options:
  --summary   one line for each packet
  --json      one JSON object for each packet
  --ladder    who sent what to whom, for each mobile node
  --rfc       name the RFC section of each message and option
  --all       every packet, not only signalling
  --help      this text

Examples:
  mooring decode run.pcap
  mooring decode --summary run.pcap
  tcpdump -w - proto 135 | mooring decode --summary -
  mooring decode 3b01 0d00 0000 0001 0000 0007 0102 0000
`;

const flags: Readonly<Record<string, Partial<DecodeRequest>>> = {
  '--summary': { form: 'summary' },
  '--json': { form: 'json' },
  '--ladder': { form: 'ladder' },
  '--rfc': { sections: true },
  '--all': { all: true },
  '--help': { help: true },
  '-h': { help: true },
};

/** A string says what is wrong with the words. */
export function parseDecodeArguments(args: readonly string[]): DecodeRequest | string {
  let request: DecodeRequest = { form: 'tree', all: false, sections: false, help: false, words: [] };
  for (const word of args) {
    const flag = flags[word];
    if (flag) request = { ...request, ...flag };
    else if (word.startsWith('-') && word !== '-') return `unknown option ${word}; see "mooring decode --help"`;
    else request = { ...request, words: [...request.words, word] };
  }
  if (request.words.length === 0 && !request.help) return 'name a capture file; see "mooring decode --help"';
  return request;
}
