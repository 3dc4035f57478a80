import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorReply, type Reply } from '../../src/core/reply.js';
import { Engine } from '../../src/engine/engine.js';
import { open } from '../../src/index.js';
import { LocalClient } from './conversation.js';
import { quoted, runLua } from './lua-side-by-side.js';
import { runScripts } from './scripts.js';

runLua('Lua: the language', [
  'return {1 and 2, nil or 3, false and 1, nil == false, not nil}',
  'local a,b,c = (function() return 1,2,3 end)() return {a,b,c}',
  'local a,b = ((function() return 1,2 end)()) return {a,tostring(b)}',
  'local t = {(function() return 1,2,3 end)(),10} return t',
  'local t = {10,(function() return 1,2,3 end)()} return t',
  'local i, t = 1, {} i, t[i] = i+1, 20 return {i,t[1]}',
  'local s = 0 for i=10,1,-3 do s = s + i end return s',
  'local s = 0 for i=1,3 do for j=1,3 do if j == 2 then break end s = s + i*j end end return s',
  'local f = {} for i=1,3 do f[i] = function() i = i + 1 return i end end return {f[1](), f[1](), f[2]()}',
  'repeat local x = 1 until x == 1 return 6',
  "local function f(a,b,...) local x,y = ... return {a,b,x,y,select('#',...)} end return f(1,2,3,4,5)",
  "return (function(...) return select('#',...) end)(nil,nil)",
  'local t = setmetatable({},{__index=function(t,k) return k.."!" end,__call=function(self,a) return a end,__add=function() return 7 end,__concat=function() return "c" end,__eq=function() return true end,__lt=function() return true end,__tostring=function() return "T" end}) return {t.foo,t(5),t+1,t.."x",#t,t<t,tostring(t)}',
  'local t = setmetatable({},{__newindex=function(t,k,v) rawset(t,k,v*2) end}) t.x = 4 return t.x',
  'local A = {} A.__index = A function A.new(n) return setmetatable({n=n},A) end function A:get() return self.n end return A.new(5):get()',
  'return "10"+5 .. ""',
  'return {0x10, 1e3, .5, 3., 0xff, 5 % 3, -5 % 3, 5 % -3, 2^10, 7/2}',
  'return {#"abc", -2^2, not 1 == 2, 1 .. 2 == "12", 2^3^2}',
  'return [==[\na]]b]==]',
  'return "\\65\\066\\n\\"\\z"',
  '-- comment\n--[[ long\ncomment ]] return 1',
  'goto x',
  'return 1 2',
  'if x then',
  'if x then\nreturn 1',
  'for i=1 do end',
  'local 5 = 1',
  'x = = 1',
  'f',
  '(f) = 1',
  'f() = 1',
  'return "abc',
  "return 'a\\999'",
  'f(',
  'return ...',
  'break',
  'local function f() return ... end',
  'return 0x',
  'return 3x',
  'return @',
  'return [==[x',
  'local x = nil; x.y=1',
  'local a = {} a.b.c = 1',
  'local a = {} a.b.c()',
  'local a = {} a:b()',
  'return ("x").y.z',
  'local function f() local u = nil; return (function() return u.x end)() end return f()',
  'return #5',
  'return 1 < "2"',
  'return {} .. "x"',
  'return -{}',
  'return {} < {}',
  'return nil > 1',
  'return "abc"+5',
  'local a = "x" return a + 1',
  'local t = {} return t.x + 1',
  'local t = {} t[nil] = 1',
  'local t = {} t[0/0] = 1',
  'for i=1,"x" do end',
  'for i in 5 do end',
  'return nosuch()',
  'return x',
  'x=1',
  'function g() end',
  '\n\nerror("on line three")',
  'local function f() error("deep", 2) end\nf()',
  'error({err="My Err"})',
  'error()',
  'local function f() return f()+1 end return f()',
]);

runLua('Lua: its libraries', [
  'return {tostring(1e15), tostring(123456789012345), tostring(0.1), tostring(1/3), tostring(1e100), tostring(2^53), tostring(-1.5e-7), tostring(0/0)}',
  'return {tonumber("0x10"), tonumber("10",2), tonumber("zz",36), tonumber(" 5 "), tonumber("1e2"), tostring(tonumber("")), tostring(tonumber("5x")), tostring(tonumber("8",8))}',
  'return {select("#"), select("#",nil,nil), select(2,"a","b","c")}',
  'return {select(-1,"a","b")}',
  'return select(0)',
  'return {unpack({1,2,3},2)}',
  'return {next({}), type(next), rawget({5},1), rawequal("a","a")}',
  'return {pcall(error,"x")}',
  'return {pcall(function() error("x") end)}',
  'return {pcall(function() error({err="E x"}) end)}',
  'return {pcall(error)}',
  'return {xpcall(function() error("a") end, function(e) return "H:"..e end)}',
  'return {assert(false,"msg")}',
  'return assert(false)',
  'return {assert(1,2,3)}',
  'return loadstring("return 1+1")()',
  'return {select(2, loadstring("return ("))}',
  'return {select(2, loadstring("x = ", "chunk"))}',
  'return {pcall(loadstring("error(\'x\')"))}',
  'local n = 0 return load(function() n = n + 1 return ({"return ", "42"})[n] end)()',
  'local co = coroutine.create(function(a) local b = coroutine.yield(a+1) return b*2 end) local _,x = coroutine.resume(co,1) local _,y = coroutine.resume(co,10) local _,z=coroutine.resume(co) return {x,y,z,coroutine.status(co)}',
  'local f = coroutine.wrap(function() for i=1,3 do coroutine.yield(i) end end) return {f(),f(),f()}',
  'return coroutine.yield(1)',
  'local co = coroutine.wrap(function() error("in coroutine") end) return {pcall(co)}',
  'return string.format("%5.2f|%d|%s|%q|%x|%g|%e|%i|%c|%%|%10s|%-10s|%05d", 3.14159, 42, "x", "a\\nb", 255, 1e20, 12345.678, 7, 65, "r", "l", 42)',
  'return string.format("%d %d %u %X %o %+d % d %#x %.3d", 2^40, -2^40, 7, 2^40, 8, 1, 1, 255, 5)',
  'return string.format("%.0f %.1f %.20f %g %g %g %G", 0.5, 0.25, 0.1, 1e15, 1e-5, 100000, 1e-10)',
  'return string.format("%5s|%.3s|%-5s|", "ab", "abcdef", "x")',
  'return string.format("%d", "x")',
  'return string.format("%s")',
  'return string.format("%y", 1)',
  'return {string.find("hello world","o w"), string.find("hello","l+"), string.match("k=v","(%w+)=(%w+)"), (string.gsub("hello","l","L"))}',
  'return {string.find("a.b",".",1,true), string.find("abc","b",-1), string.find("abc","",10), string.find("","")}',
  'return {string.match("2026-11-20","(%d+)-(%d+)-(%d+)")}',
  'return {string.match("  trim  ","^%s*(.-)%s*$"), string.match("f(a(b)c)d","%b()"), string.match("THE (quick) fox","%((%a+)%)"), string.match("hello","()ll()")}',
  'return {string.gsub("hello world","%w+","%0 %0",1)}',
  'return {string.gsub("hello","","-")}',
  'return {string.gsub("abc","%w",{a="1",b=true}), (string.gsub("abc",".",function(c) return c:upper() end))}',
  'return (string.gsub("THE (quick) fox","%f[%a]%a+","X"))',
  'local t = {} for k,v in string.gmatch("a=1, b=2","(%w+)=(%w+)") do t[#t+1]=k..v end return t',
  'return string.gsub("abc","(","x")',
  'return string.gsub("abc","%","x")',
  'return string.gsub("abc","[a","x")',
  'return string.gsub("abc","%1","x")',
  'return string.find("a]c","[]]")',
  'return {string.byte("abc",1,-1)}',
  'return {string.sub("hello",2,-2), string.sub("hello",-3), string.sub("hello",10), ("x"):rep(3), string.char(104,105)}',
  'return {string.reverse("abc"), string.upper("aé"), ("x"):len(), string.lower("ÀB")}',
  'return string.rep()',
  'local s = "x" return s:rep(nil)',
  'return ("x"):bad()',
  'return {math.floor(-1.5), math.ceil(-1.5), math.max(1,5,3), math.fmod(-5,3), math.abs(-3), math.huge > 1, select(2,math.modf(3.7))*10, math.frexp(8)}',
  'math.randomseed(5) return {math.random(100),math.random(100),math.random(5,10),tostring(math.random())}',
  'return math.random(0)',
  'local t={5,3,1,4} table.sort(t) return t',
  'local t={5,3,1,4} table.sort(t,function(a,b) return a>b end) return t',
  'local t={5,3,"x"} table.sort(t) return t',
  'return {table.concat({1,2,3},","), table.remove({1,2,3}), table.remove({}), table.maxn({1,2,[10]=3}), table.getn({1,2})}',
  'local t={1,2,3} table.insert(t,2,9) table.insert(t,7) table.remove(t,1) return t',
  'return table.concat({1,2,{}})',
  'return {bit.tobit(2^31), bit.band(2^32+5,7), bit.bswap(0x12345678), bit.tobit(1.5), bit.tobit(2.5), bit.arshift(-8,1), bit.rshift(-8,1), bit.rol(1,33), bit.bnot(0), bit.tohex(255,-4), bit.tohex(-1)}',
  'return bit.band("x")',
  'return struct.pack(">I2i4Lbhs","1",2,3,4,5,"abc")',
  'return {struct.unpack(">I2i4Lbhs",struct.pack(">I2i4Lbhs","1",2,-3,4,5,"abc"))}',
  'return {struct.unpack("bc0","\\3aaa")}',
  'return {struct.unpack("bc0","\\4aaa")}',
  'return struct.pack("c5","aaa")',
  'return struct.size("ibls")',
  'return {struct.size("!4bibl"), struct.size("!8bl"), struct.size("i3I5")}',
  'return struct.pack("!3i",1)',
  'return struct.pack("i33",1)',
  'return struct.pack("y",1)',
  'return struct.pack("<i1I1i8I8l",-1,255,-5,2^53,2^40)',
  'return {struct.unpack("<l",struct.pack("<l",-2^40))}',
  'return struct.pack("d<f>d",1.5,2.5,3.5)',
  'return {struct.unpack("<I3","aaaa",0)}',
  'return cmsgpack.pack({1,2,{a=3}},nil,true,"abc",1.5,0.1,-1,-33,-129,-40000,2^40,-2^40,2^53,{})',
  'return {cmsgpack.unpack(cmsgpack.pack({1,2,"x"},5,-7,2^40,-2^40,("s"):rep(300)))}',
  'return {cmsgpack.unpack_one(cmsgpack.pack(1,2,3))}',
  'return {cmsgpack.unpack_limit(cmsgpack.pack(1,2,3),2)}',
  'return {cmsgpack.unpack_limit(cmsgpack.pack(1,2,3),1,10)}',
  'return {cmsgpack.unpack("\\193")}',
  'return {cmsgpack.unpack("\\146\\1")}',
  'return cmsgpack.pack()',
  'return cjson.encode({{},{1},{a={}},1e20,0.1,1/3,"x\\127\\1/\\"",true,cjson.null})',
  'return cjson.encode({1,2,[5]=1})',
  'return cjson.encode({[100]=1})',
  'return cjson.encode(0/0)',
  'return cjson.encode(function() end)',
  'local t={} t.x=t return cjson.encode(t)',
  'return cjson.encode(cjson.decode(\'{"a":[]}\'))',
  'return {cjson.decode(\'{"a":[1,2,{"b":null}],"c":1.5,"d":"\\\\u00e9\\\\ud83d\\\\ude00"}\').d, cjson.decode("[null]")[1] == cjson.null}',
  'return cjson.decode("[")',
  'return cjson.decode("[1,2")',
  'return cjson.decode("{1:2}")',
  'return cjson.decode("nope")',
  'return cjson.decode(\'"\\\\ud800"\')',
  'return cjson.decode("")',
  "return cjson.decode('[1] x')",
  "return cjson.decode('[true false]')",
  'return cjson.decode(string.rep("[",1001))',
]);

runLua('scripts and the server', [
  'return {1,2.9,nil,3}',
  'return {true,false,true}',
  'return "a\\0b"',
  'return function() end',
  'return {err="boo"}',
  'return {err="ERR a\\nb"}',
  'return {ok="fine"}',
  'return {double=3.5}',
  'return {map={a=1}}',
  'return {set={a=true}}',
  'return {big_number="123456789012345678901234567890"}',
  'return {verbatim_string={string="text",format="txt"}}',
  'redis.setresp(3) return true',
  'redis.setresp(3) return {redis.call("get","none") == nil, redis.call("hgetall","none").map ~= nil, redis.call("ping").ok}',
  'redis.call("hset","h","f","v") redis.setresp(3) return redis.call("hgetall","h")',
  'redis.call("zadd","z",1.5,"m") redis.setresp(3) return {redis.call("zscore","z","m").double*2, redis.call("zrange","z",0,-1,"withscores")[1][1]}',
  'redis.call("sadd","s","m") redis.setresp(3) return redis.call("smembers","s")',
  'return redis.call("zrange","z",0,-1,"withscores")',
  'return redis.call("nosuch")',
  'return redis.pcall("nosuch")',
  'return redis.call("get")',
  'return redis.call()',
  'return redis.call({})',
  'return redis.call("set","x",1.5,"px",100000.0)',
  'redis.call("set","x",2^60) redis.call("set","y",7.3531010280161234e15) return {redis.call("get","x"), redis.call("get","y"), redis.call("get","none")}',
  'return redis.call("incr","z")',
  'local e = redis.pcall("incr","z") return e.err',
  'return {pcall(redis.call,"incr","z")}',
  'return redis.call("subscribe","x")',
  'return redis.call("blpop","x",0)',
  'return redis.call("multi")',
  'return redis.call("eval","return 1",0)',
  'return redis.call("config","get","maxmemory")',
  'return redis.call("config","nosuch")',
  'return redis.error_reply("x y")',
  'return redis.error_reply("-x y")',
  'return redis.error_reply("x")',
  'return redis.error_reply("MY \\r\\n two\\r\\n")',
  'return {err = "a\\r\\nb\\r\\n\\n"}',
  'return {1, {err = "\\n\\n"}}',
  'return redis.error_reply({})',
  'return redis.status_reply("a")',
  'return {redis.sha1hex(""), redis.sha1hex(5)}',
  'return redis.sha1hex()',
  'return redis.log(1)',
  'return redis.log(9,"x")',
  'return redis.log("x","y")',
  'return redis.setresp(1)',
  'return redis.setresp()',
  'return redis.set_repl()',
  'return redis.set_repl(8)',
  'return {redis.replicate_commands(), redis.REPL_ALL, redis.REPL_AOF, redis.REPL_SLAVE, redis.LOG_WARNING, redis.REDIS_VERSION, redis.REDIS_VERSION_NUM}',
  'return redis.acl_check_cmd("get","x")',
  'return redis.acl_check_cmd("nosuch")',
  'redis.foo=1',
  'string.x=1',
  'getmetatable("").__index = 1',
  'setmetatable(_G,{})',
  'rawset(_G,"x",1)',
  'local t={} for k in pairs(redis) do t[#t+1]=k end table.sort(t) return t',
  'local t={} for k in pairs(cjson) do t[#t+1]=k end for k in pairs(string) do t[#t+1]=k end for k in pairs(math) do t[#t+1]=k end table.sort(t) return t',
  'redis.call("select",5) redis.call("set","in5","v") return redis.call("select",0)',
  '#!lua\nreturn 1',
  '#!lua flags=no-writes\nreturn redis.call("set","a","b")',
  '#!lua flags=no-writes,allow-stale\n\nreturn redis.call("get","none")',
  '#!lua name=x\nreturn 1',
  '#!lua flags=foo\nreturn 1',
  '#!luax\nreturn 1',
  '#!lua',
]);

const add = "return redis.call('incrby',KEYS[1],ARGV[1])";
const library = `#!lua name=lib
local calls = 0
local function count(keys, args) calls = calls + 1 return {calls, keys[1], args[1]} end
redis.register_function('count', count)
redis.register_function{function_name='peek', callback=function(keys) return redis.call('get',keys[1]) end, flags={'no-writes'}, description='looks'}
redis.register_function('put', function(keys, args) return redis.call('set', keys[1], args[1]) end)
redis.register_function('bad', function() error('oops') end)`;

const single = `#!lua name=lib2
redis.register_function{function_name='only', callback=function() return 1 end, flags={'no-writes','allow-oom'}, description='one'}`;

const loads = [
  '',
  'x',
  '#!lua',
  '#!lua\n',
  '#!lua name=\nreturn 1',
  '#!lua name=a-b\nreturn 1',
  '#!lua name=a name=b\nreturn 1',
  '#!lua foo=a\nreturn 1',
  '#!js name=a\nreturn 1',
  '#!lua name=a\nreturn 1',
  '#!lua name=a\nreturn (',
  '#!lua name=a\nerror("x")',
  '#!lua name=a\nredis.call("ping")',
  '#!lua name=a\nreturn math.random()',
  "#!lua name=a\nredis.register_function('f')",
  "#!lua name=a\nredis.register_function('f', 1)",
  '#!lua name=a\nredis.register_function(1, function() end)',
  "#!lua name=a\nredis.register_function('f-g', function() end)",
  "#!lua name=a\nredis.register_function('f', function() end) redis.register_function('f', function() end)",
  "#!lua name=a\nredis.register_function{function_name='f'}",
  "#!lua name=a\nredis.register_function{function_name='f', callback=function() end, flags={'x'}}",
  "#!lua name=a\nredis.register_function{function_name='f', callback=function() end, more=1}",
  "#!lua name=other\nredis.register_function('COUNT', function() end)",
  library,
];

runScripts('EVALSHA, SCRIPT and FUNCTION', [
  {
    title: 'EVAL, EVALSHA and the cache',
    lines: `
      EVAL "return {KEYS[1],KEYS[2],ARGV[1],ARGV[2]}" 2 a b c d
      EVAL "return #KEYS" 0
      EVAL "return 1" x
      EVAL "return 1" 2 x
      EVAL "return 1" -2
      EVAL
      SCRIPT LOAD ${quoted(add)}
      EVALSHA bd18f0273198fcc820af78d95709e503e66cbf43 1 k 5
      EVAL ${quoted(add)} 1 k 5
      EVALSHA short 1 k
      EVALSHA short x
      SCRIPT EXISTS bd18f0273198fcc820af78d95709e503e66cbf43 nosuch
      EVAL_RO "return redis.call('get',KEYS[1])" 1 k
      EVAL_RO "return redis.call('set',KEYS[1],'x')" 1 k
      EVAL_RO "return redis.call('pfcount',KEYS[1])" 1 k
      EVALSHA_RO ffffffffffffffffffffffffffffffffffffffff 0
      SCRIPT FLUSH x
      SCRIPT FLUSH SYNC
      SCRIPT FLUSH ASYNC SYNC
      SCRIPT KILL
      SCRIPT DEBUG no
      SCRIPT DEBUG x
      SCRIPT NOSUCH
      TYPE k`,
  },
  {
    title: 'what FUNCTION LOAD takes and refuses',
    lines: `
      FUNCTION FLUSH
      FUNCTION LOAD ${quoted(library)}
      ${loads.map((source) => `FUNCTION LOAD ${quoted(source)}`).join('\n')}
      FUNCTION LOAD foo ${quoted(library)}
      FUNCTION LOAD REPLACE ${quoted(library)}
      FUNCTION LIST LIBRARYNAME none
      FUNCTION STATS
      FUNCTION DELETE nosuch
      FUNCTION DELETE lib
      FUNCTION LIST`,
  },
  {
    title: 'FCALL',
    lines: `
      FUNCTION FLUSH
      FUNCTION LOAD ${quoted(library)}
      FCALL count 1 k a
      FCALL COUNT 1 k b
      FCALL put 1 k v
      FCALL peek 1 k
      FCALL_RO peek 1 k
      FCALL_RO put 1 k v
      FCALL_RO count 0
      FCALL bad 0
      FCALL nosuch x
      FCALL put x
      FCALL put 5 k
      FCALL put -1 k
      FUNCTION FLUSH
      FUNCTION LOAD ${quoted(single)}
      FUNCTION LIST
      FUNCTION LIST WITHCODE LIBRARYNAME LI*
      FUNCTION LIST LIBRARYNAME x*
      FUNCTION LIST foo
      FUNCTION LIST LIBRARYNAME
      FUNCTION LIST WITHCODE WITHCODE
      FUNCTION KILL
      FUNCTION RESTORE x
      FUNCTION RESTORE x y
      FUNCTION RESTORE x y z
      FUNCTION FLUSH x
      FUNCTION FLUSH SYNC x
      FUNCTION FLUSH SYNC
      FUNCTION DUMP
      FCALL put 1 k v
      TYPE k`,
  },
]);

const hostile: [title: string, script: string, error: RegExp][] = [
  ['an endless loop', 'while true do end', /^ERR Script killed/],
  [
    'an endless loop that catches errors',
    'while true do pcall(function() while true do end end) end',
    /^ERR Script killed/,
  ],
  ['endless recursion', 'local function f() return 1 + f() end f()', /^ERR user_script:1: stack overflow/],
  [
    'recursion that writes on its way',
    'local function f(n) redis.call("set","deep",n) return f(n+1)+1 end f(1)',
    /stack overflow/,
  ],
  ['a string that doubles', 'local s="x" while true do s=s..s end', /^ERR not enough memory/],
  ['a table that grows', 'local t={} while true do t[#t+1]={} end', /^ERR (Script killed|not enough memory)/],
  ['a huge repetition', 'return string.rep("x",1e9)', /resulting string too large/],
  [
    'JSON nested 10,000 deep',
    'return cjson.decode(("["):rep(10000)..("]"):rep(10000))',
    /too many nested data structures/,
  ],
  ['a table nested 10,000 deep', 'local t={} for i=1,10000 do t={t} end return cjson.encode(t)', /excessive nesting/],
  ['a pattern that backtracks for ever', 'return ("a"):rep(40):find((".-"):rep(40).."b")', /^ERR Script killed/],
  [
    'a coroutine without end',
    'local co=coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end',
    /^ERR Script killed/,
  ],
];

function engineOf(busyReplyThreshold = 30_000): { engine: Engine; call: (...argv: string[]) => Reply } {
  const engine = new Engine({ seed: 1, settings: { busyReplyThreshold } });
  engine.scripting.leastMs = 0;
  const client = new LocalClient(engine);
  return { engine, call: (...argv) => client.session.call(argv) };
}

describe('scripts that would not end', () => {
  for (const [title, script, error] of hostile) {
    it(`${title} is stopped, and the next script runs`, () => {
      // Only what would not end by itself needs the time limit; the others must reach their own on a busy machine too.
      const { engine, call } = engineOf(error.source.includes('killed') ? 40 : undefined);
      const reply = call('EVAL', script, '0');
      assert.ok(reply instanceof ErrorReply);
      assert.match(reply.text, error);
      assert.equal(call('EVAL', 'return 7', '0'), 7);
      assert.equal(engine.scripting.current, null);
    });
  }

  it('a table that holds itself is cut off', () => {
    const { call } = engineOf();
    let reply = call('EVAL', 'local t={} t[1]=t return t', '0');
    while (Array.isArray(reply)) reply = reply[0];
    assert.ok(reply instanceof ErrorReply);
    assert.equal(reply.text, 'ERR reached lua stack limit');
  });
});

describe('effects of scripts', () => {
  const effectsOf = (...argv: string[]): string[] => {
    const { engine, call } = engineOf();
    const seen: string[] = [];
    engine.effects = (db, words) => seen.push(`${db} ${words.join(' ')}`);
    call(...argv);
    return seen;
  };

  it('are the commands that changed something, as a whole', () => {
    const script =
      "redis.call('get','a') redis.call('set','a',1) redis.call('select',3) redis.call('incr','b') return 1";
    assert.deepEqual(effectsOf('EVAL', script, '0'), ['0 MULTI', '0 set a 1', '3 incr b', '3 EXEC']);
  });

  it('are kept back by redis.set_repl', () => {
    const script =
      "redis.set_repl(redis.REPL_NONE) redis.call('set','a',1) redis.set_repl(redis.REPL_ALL) redis.call('set','b',2)";
    assert.deepEqual(effectsOf('EVAL', script, '0'), ['0 set b 2']);
  });
});

describe('FUNCTION DUMP and RESTORE', () => {
  it('bring all libraries back', () => {
    const from = engineOf();
    from.call('FUNCTION', 'LOAD', library);
    const payload = from.call('FUNCTION', 'DUMP') as string;
    const to = engineOf();
    assert.deepEqual((to.call('FUNCTION', 'RESTORE', payload) as { text: string }).text, 'OK');
    assert.deepEqual(to.call('FCALL', 'count', '1', 'k', 'a'), [1, 'k', 'a']);
    assert.match((to.call('FUNCTION', 'RESTORE', payload) as ErrorReply).text, /Library lib already exists/);
    assert.deepEqual((to.call('FUNCTION', 'RESTORE', payload, 'REPLACE') as { text: string }).text, 'OK');
    assert.deepEqual(to.call('FCALL', 'count', '0'), [1]);
  });

  it('take a payload that a real server made', () => {
    const { call } = engineOf();
    const payload =
      "\xf5\xc3@W@\\\x1f#!lua name=lib\nredis.register_fu\x0fnction('twice', \xe0\x00\x11\x11keys, args) return`\x0c\x0b[1] * 2 end)\n\x00A\xe1K7\x9a\x1f\x0f\xa8";
    call('FUNCTION', 'RESTORE', payload);
    assert.equal(call('FCALL', 'twice', '0', '21'), 42);
  });
});

describe('scripts by the façade', () => {
  it('take keys and arguments, and answer values', async () => {
    await using db = open('memory:');
    assert.equal(await db.eval("return redis.call('incrby', KEYS[1], ARGV[1])", ['hits'], 5), 5);
    const sha = await db.scriptLoad("return {KEYS[1], #ARGV, false, {ok='fine'}, 'é'}");
    assert.deepEqual(await db.evalsha(sha, 'k', 'a', 'b'), ['k', 2, null, 'fine', 'é']);
    assert.deepEqual(await db.scriptExists(sha, 'x'), [true, false]);
    await assert.rejects(db.evalRo("return redis.call('set', 'a', 'b')", []), /not allowed from read-only scripts/);
    await assert.rejects(db.evalsha('f'.repeat(40), []), { code: 'NOSCRIPT' });
  });

  it('call functions of libraries', async () => {
    await using db = open('memory:');
    assert.equal(await db.functionLoad(single, { replace: true }), 'lib2');
    assert.equal(await db.fcall('only', []), 1);
    const [described] = await db.functionList({ libraryName: 'lib*', withCode: true });
    assert.equal(described.library_code, single);
  });
});
