using System.CommandLine;
using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Client.Config;
using Parley.Client.Peering;
using Parley.Client.Peering.Pins;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.PeerToPeer;

/// <summary><c>parley verify</c>: the phrase to compare with another agent's owner, and the note that it was compared.</summary>
internal sealed class VerifyCommand : ParleyCommand
{
    private readonly Argument<string> _name = new("NAME") { Description = "An agent" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "The phrase was compared and is the same: do not ask" };

    public VerifyCommand()
        : base(
            "verify",
            "Compare the phrase of another agent's key with its owner, so that nobody can sit in between",
            new Example("parley verify agent-b", "shows the phrase and asks; agent-b's owner runs the same with your name"),
            new Example("parley verify agent-b --yes", "it was compared"))
    {
        Add(_name);
        Add(_yes);
        Add(CommonOptions.Json);
        OnRun(RunAsync);
    }

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetValue(_name)!;
        var home = context.OpenHome();
        var known = new KnownAgents(home, context.Time);
        await using var link = await HomeLink.OpenAsync(context, cancellationToken);
        using var identity = HomeIdentity.Load(home);
        var (address, key) = await KeyOfAsync(link, name, cancellationToken);
        var hubId = link.Profile.HubId;
        var trust = known.Check(hubId, address, key);
        var phrase = VerificationPhrase.Of(hubId, (link.Profile.Agent, identity.PublicKey.ToArray()), (address, key));
        if (!context.IsJson)
        {
            context.Terminal.WriteLine(phrase);
        }

        if (parsed.GetValue(_yes) || (!context.IsJson && await AskAsync(context, address, cancellationToken)))
        {
            await known.VerifyAsync(hubId, address, key, cancellationToken);
            trust = PeerTrust.Verified;
        }

        if (context.IsJson)
        {
            context.Terminal.WriteJson(JsonSerializer.Serialize(new VerifyJson(address.ToString(), KeyFingerprint.Of(key), phrase, P2pHome.WordOf(trust)), P2pJson.Compact.VerifyJson));
        }
        else
        {
            context.Terminal.Note($"{address} is {P2pHome.WordOf(trust)}");
        }

        return 0;
    }

    private static Task<bool> AskAsync(CommandContext context, AgentAddress address, CancellationToken cancellationToken)
    {
        context.Terminal.Note($"ask the owner of {address}, over a channel that you trust, for what parley verify shows there with your agent's name");
        return context.Terminal.ConfirmAsync("Is it the same phrase?", cancellationToken);
    }

    private static async Task<(AgentAddress Address, byte[] Key)> KeyOfAsync(HomeLink link, string name, CancellationToken cancellationToken)
    {
        var arguments = JsonSerializer.SerializeToUtf8Bytes(new AgentArguments(name), ManagementJson.Compact.AgentArguments);
        using var answer = await link.Link.CallAsync("agents.keys", arguments, cancellationToken);
        var keys = answer.Deserialize(ManagementJson.Answers.ItemAgentKeysView)!.Data;
        var key = new byte[SessionProof.KeySize];
        if (!AgentAddress.TryParse(keys.Address, out var address) || !Convert.TryFromBase64String(keys.Identity, key, out var length) || length != key.Length)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hub told a key that is none.");
        }

        return (address, key);
    }
}
