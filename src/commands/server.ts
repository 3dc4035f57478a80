export const serverCommands = {};
