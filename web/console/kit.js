// What every page is made with, through one door.

export * from "./api.js";
export * from "./dialog.js";
export * from "./dom.js";
export * from "./form.js";
export * from "./format.js";
export * from "./money.js";
export * from "./notice.js";
export { mayChange } from "./session.js";
export * from "./table.js";
