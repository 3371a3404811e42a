-- usage: lua5.4 kernels.lua KERNEL ROUNDS     prints the result and the seconds of the kernel alone
local kernels = {}

local function data()
  local bytes, state = {}, 1
  for i = 1, 1024 do
    state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
    bytes[i] = state >> 24
  end
  return bytes
end

kernels["crc32"] = function(rounds)
  local bytes = data()
  return function()
    local crc = 0xFFFFFFFF
    for _ = 1, rounds do
      for i = 1, 1024 do
        crc = crc ~ bytes[i]
        for _ = 1, 8 do
          local low = crc & 1
          crc = crc >> 1
          if low ~= 0 then crc = crc ~ 0xEDB88320 end
        end
      end
    end
    return crc ~ 0xFFFFFFFF
  end
end

kernels["fib-recursive"] = function(rounds)
  local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
  end
  return function() return fib(rounds) end
end

kernels["fib-iterative"] = function(rounds)
  return function()
    local sum = 0
    for _ = 1, rounds do
      local a, b = 0, 1
      for _ = 1, 40 do a, b = b, a + b end
      sum = sum + a
    end
    return sum & 0xFFFFFFFF
  end
end

kernels["copy-add"] = function(rounds)
  local source, target = {}, {}
  for i = 1, 256 do
    source[i] = (i - 1) * 1000
    target[i] = 0
  end
  return function()
    local addend = 7
    for _ = 1, rounds do
      for i = 1, 256 do target[i] = source[i] + addend end
    end
    return target[256]
  end
end

local rounds = tonumber(arg[2])
kernels[arg[1]](math.min(rounds, 5))() -- warm-up
local kernel = kernels[arg[1]](rounds)
local start = os.clock()
local result = kernel()
print(result, string.format("%.9f", os.clock() - start))
