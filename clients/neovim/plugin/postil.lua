-- The command `:Postil`. Nothing more is loaded, and nothing is started, before it is used or the server is enabled.
if vim.fn.has('nvim-0.11') == 0 then return end -- `:checkhealth postil` says what to do
vim.api.nvim_create_user_command('Postil', function(it) require('postil.commands').run(it) end, {
  nargs = '*', range = true, complete = function(...) return require('postil.commands').complete(...) end,
})
