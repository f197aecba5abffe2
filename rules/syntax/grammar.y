%%
file: ;
%%
