using System.CommandLine;
using System.Text;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Cli.A2a.Remote;
using Parley.Output;
using Parley.Protocol.Management;

namespace Parley.Cli.Cards;

/// <summary><c>parley card show</c>: the card of an agent, as the hub serves it.</summary>
internal sealed class CardShowCommand : ParleyCommand
{
    private readonly Argument<string?> _agent = new("NAME|URL") { Arity = ArgumentArity.ZeroOrOne, Description = "name or owner.name, or the address of a card or what it is below [default: this home's agent]" };
    private readonly RemoteOptions _remote = new();

    public CardShowCommand()
        : base(
            "show",
            "Show the card of an agent",
            new Example("parley card show agent-b", "who it is, what it can do, where it is called"),
            new Example("parley card show agent-b --json", "the card in the form of A2A 1.0, where it comes from, and what its signature is worth"),
            new Example("parley card show https://example.org/agents/x", "anybody's, and whether its signature is good"))
    {
        Add(_agent);
        foreach (var option in _remote.Proof)
        {
            Add(option);
        }

        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_agent) is { } target && RemoteCard.Is(target))
        {
            return await RemoteCard.ShowAsync(context, parsed, _remote, target, cancellationToken);
        }

        await using var home = await HomeLink.OpenAsync(context, cancellationToken);
        var view = await CardCalls.GetAsync(home.Link, parsed.GetValue(_agent), cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(CardShowJson.Of(view), CardShowJsonContext.Compact.CardShowJson));
        }
        else
        {
            context.Terminal.Write(Text(view));
        }

        return 0;
    }

    private static string Text(CardView view)
    {
        var card = view.Card;
        var text = new StringBuilder();
        Line("agent", $"{view.Agent}, seen by: {view.Visibility}");
        Line("says", card.GetProperty("description").GetString()!);
        Line("version", card.GetProperty("version").GetString()!);
        Line("written by", view.Source == "agent" ? $"the agent, {view.UpdatedAt?.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : "the hub");
        Line("signed", view.IsSigned ? "by the hub" : "no");
        foreach (var skill in card.GetProperty("skills").EnumerateArray())
        {
            Line("skill", $"{skill.GetProperty("id").GetString()}: {skill.GetProperty("description").GetString()}");
        }

        foreach (var one in card.GetProperty("supportedInterfaces").EnumerateArray())
        {
            Line($"{one.GetProperty("protocolBinding").GetString()} {one.GetProperty("protocolVersion").GetString()}", one.GetProperty("url").GetString()!);
        }

        return text.ToString();

        void Line(string head, string value) => text.Append(SafeText.Clean(head).PadRight(14)).Append(SafeText.Clean(value.ReplaceLineEndings(" "))).Append('\n');
    }
}
