-- `:checkhealth postil`.
local function check()
  if vim.fn.has('nvim-0.11') == 0 then
    local old = vim.health and vim.health.warn or require('health').report_warn
    return old('this needs Neovim 0.11. Before that, the few lines of docs/howto/neovim.md are enough for an agent and the chat')
  end
  local say, server, program = vim.health, require('postil'), vim.lsp.config.postil.cmd[1]
  say.start('Postil')
  if vim.fn.executable(program) == 1 then
    say.ok(('%s: %s'):format(vim.fn.exepath(program), vim.trim(vim.fn.system({ program, '--version' }))))
  else
    say.error(program .. ' is not on PATH', { "vim.lsp.config('postil', { cmd = { '/path/to/postil', 'serve' } })" })
  end
  if not server.client() then
    return say.warn('no server runs', { "vim.lsp.enable('postil')", 'Open a file of your project', ':Postil log says more' })
  end
  say.ok(('a server runs in %s; status: %s'):format(server.client().root_dir, server.status()))
end
return { check = check }
