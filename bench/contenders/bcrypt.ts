// Not a contender: native bcrypt, for the measure of Naver's signatures.

export { hash } from "bcrypt";
