import { expect, test } from '@jest/globals';

const { hintAtModules } = (await import(new URL('../bundle/compile-hints.mjs', import.meta.url).href)) as {
  hintAtModules: (source: string) => string;
};

const RUNTIME =
  'var c={};function __nccwpck_require__(i){if(!c[i]){c[i]={exports:{}};m[i](c[i],c[i].exports,__nccwpck_require__)}return c[i].exports}__nccwpck_require__.a=(t,f)=>f();';
const bundle = (modules: string, entry: string) =>
  `import{createRequire as r}from"module";var m={${modules}};${RUNTIME}${entry}`;

test.each<[name: string, modules: string, entry: string, hinted: string]>([
  [
    'what the entry requires, and what that requires',
    '1:(t,e,n)=>{e.a=n(2).b},2:function(t,e){e.b=1},3:(t,e)=>{e.c=1}',
    'var x=__nccwpck_require__(1);',
    '1:((t,e,n)=>{e.a=n(2).b}),2:(function(t,e){e.b=1}),3:(t,e)=>{e.c=1}',
  ],
  [
    'not what a function requires when it is called later',
    '1:(t,e,n)=>{e.a=()=>n(2);e.b=()=>Promise.resolve().then(()=>n(2))},2:(t,e)=>{}',
    'var x=__nccwpck_require__(1);',
    '1:((t,e,n)=>{e.a=()=>n(2);e.b=()=>Promise.resolve().then(()=>n(2))}),2:(t,e)=>{}',
  ],
  [
    'what an asynchronous module and a function called in its place require',
    '1:(t,e,n)=>{n.a(t,async()=>{n(2)})},2:(t,e,n)=>{(function(){n(3)})()},3:()=>{}',
    'var x=__nccwpck_require__(1);x=await x;',
    '1:((t,e,n)=>{n.a(t,async()=>{n(2)})}),2:((t,e,n)=>{(function(){n(3)})()}),3:(()=>{})',
  ],
  [
    'circles once, and a method not at all',
    '1:(t,e,n)=>{n(2);n(3)},2:(t,e,n)=>{n(1)},3(){}',
    'var x=__nccwpck_require__(1);',
    '1:((t,e,n)=>{n(2);n(3)}),2:((t,e,n)=>{n(1)}),3(){}',
  ],
])('hints at %s', (_, modules, entry, hinted) => {
  expect(hintAtModules(bundle(modules, entry))).toBe(bundle(hinted, entry));
});

test.each<[name: string, source: string]>([
  ['no modules', 'var n={a:1};console.log(n)'],
  ['no entry', bundle('1:()=>{}', '')],
])('refuses a bundle of another layout: %s', (_, source) => {
  expect(() => hintAtModules(source)).toThrow('ncc writes another layout now');
});
