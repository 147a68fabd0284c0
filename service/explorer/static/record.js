// The page of a document: its text, where the reader has the file.

import { prepare } from "./evidence.js";

prepare(document);
