// The letters of the texts that the character networks read: those that Moby Dick is written in, but for a few strays.

export const ALPHABET = "\n !\"'()*,-.0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz—";
