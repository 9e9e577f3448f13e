export const isLicenceText: (text: string) => boolean;
export const noticeOf: (folder: string) => string;
