// What every page is made with, through one door.

export * from "./dom.js";
export * from "./form.js";
export * from "./format.js";
export * from "./notice.js";
export * from "./table.js";
