/** In which way a line is no command. */
export type Fault = 'unknown' | 'ambiguous' | 'incomplete' | 'bad-argument';
