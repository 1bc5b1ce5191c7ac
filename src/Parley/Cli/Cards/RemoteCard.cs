using System.CommandLine;
using System.Text.Json;
using Parley.Cli.A2a.Remote;
using Parley.Gateway.Client;
using Parley.Gateway.Client.Discovery;
using Parley.Protocol.Errors;

namespace Parley.Cli.Cards;

/// <summary>Shows the card of an agent outside of the hub, and what its signature is worth.</summary>
internal static class RemoteCard
{
    /// <summary>Whether a target is an address and not a name.</summary>
    public static bool Is(string target) => RemoteTarget.Is(target) || target.Contains('/', StringComparison.Ordinal) || target.Contains(':', StringComparison.Ordinal);

    /// <summary>Fetches, checks and prints.</summary>
    /// <returns>The exit code: 7 where the signature is wrong.</returns>
    public static async Task<int> ShowAsync(CommandContext context, ParseResult parsed, RemoteOptions remote, string target, CancellationToken cancellationToken)
    {
        var address = RemoteTarget.Parse(target);
        using var invoker = RemoteAgent.MakeInvoker(address);
        var options = new A2aClientOptions { Credentials = remote.Credentials(context, parsed, address), Time = context.Time };
        var card = await new CardResolver(invoker, options).ResolveAsync(address, cancellationToken);
        var verdict = await new CardVerifier(invoker, options).CheckAsync(card, cancellationToken);
        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(CardShowJson.Of(card, verdict), CardShowJsonContext.Compact.CardShowJson));
        }
        else
        {
            context.Terminal.Write(CardText.Of(card, verdict));
        }

        return verdict.Trust == CardTrust.Wrong ? ErrorMap.Of(ErrorCode.IntegrityFailed).Exit : 0;
    }
}
