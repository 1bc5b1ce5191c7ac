using System.CommandLine;

namespace Parley.Cli;

/// <summary><c>parley completion SHELL</c>: the script that teaches a shell the program's commands and options.</summary>
internal sealed class CompletionCommand : ParleyCommand
{
    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh or fish", HelpName = "bash|zsh|fish" };

    public CompletionCommand()
        : base(
            "completion",
            "Print a completion script for a shell",
            new Example("source <(parley completion bash)", "complete in this bash, or from ~/.bashrc in every one"),
            new Example("parley completion zsh > ~/.zfunc/_parley", "zsh, with ~/.zfunc in fpath"),
            new Example("parley completion fish > ~/.config/fish/completions/parley.fish", "fish"))
    {
        _shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Add(_shell);
        OnRun((context, parsed) =>
        {
            var script = new CompletionScript(CommandTree.BuildAll(context.Terminal, context.Environment));
            context.Terminal.Write(parsed.GetValue(_shell) switch
            {
                "bash" => script.Bash(),
                "zsh" => script.Zsh(),
                _ => script.Fish(),
            });
            return 0;
        });
    }
}
