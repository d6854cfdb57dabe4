-- What `vim.lsp.enable('postil')` starts; `vim.lsp.config('postil', {...})` adds to it.
return require('postil').config()
