using System.CommandLine;
using Parley.Protocol.Formats;

namespace Parley.Cli.A2a;

/// <summary><c>parley a2a result ID</c>: fetches an answer that came after its sender had stopped waiting.</summary>
internal sealed class ResultCommand : ParleyCommand
{
    private readonly Argument<string> _id = new("ID") { Description = "The message's id, as a2a send printed it" };
    private readonly Option<bool> _follow = new("--follow") { Description = "Wait until the answer comes" };
    private readonly Option<string> _timeout = new("--timeout") { HelpName = "D", DefaultValueFactory = _ => "3s", Description = "How long to wait without --follow, up to 30d" };
    private readonly Option<string?> _save = new("--save") { HelpName = "DIR", Description = "Put files that come with the answer here" };

    public ResultCommand()
        : base(
            "result",
            "Fetch the answer to a message that was sent before",
            new Example("parley a2a result 7k2m...", "prints it as a2a send would have"),
            new Example("parley a2a result 7k2m... --follow", "waits for it"))
    {
        Add(_id);
        foreach (var option in new Option[] { _follow, _timeout, _save, CommonOptions.Json })
        {
            Add(option);
        }

        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var output = new SendOutput(context, parsed.GetValue(_save));
        var timeout = parsed.GetValue(_follow) ? DurationText.LongestWait : DurationText.ParseWait(parsed.GetValue(_timeout)!, _timeout.Name);
        return output.Finish(await home.Sender.WaitForAsync(parsed.GetValue(_id)!, timeout, output, cancellationToken));
    }
}
