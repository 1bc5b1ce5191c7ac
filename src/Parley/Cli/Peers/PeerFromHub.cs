using System.Text.Json;
using Parley.Cli.A2a;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Peers;

/// <summary>An agent of the hub as a peer: its keys as it enrolled with them, its certificate by the key that its identity vouches for.</summary>
internal static class PeerFromHub
{
    /// <summary>Makes what <c>peer export</c> there would have printed.</summary>
    /// <returns>The export and the identity key's fingerprint.</returns>
    /// <exception cref="ParleyException"><see cref="ErrorCode.IntegrityFailed"/>: the keys do not belong together.</exception>
    public static async Task<(string Export, string Fingerprint)> ReadAsync(CommandContext context, string agent, string? name, string host, int port, CancellationToken cancellationToken)
    {
        await using var link = await HomeLink.OpenAsync(context, cancellationToken);
        using var answer = await link.Link.CallAsync("agents.keys", JsonSerializer.SerializeToUtf8Bytes(new AgentArguments(agent), ManagementJson.Compact.AgentArguments), cancellationToken);
        var keys = answer.Deserialize(ManagementJson.Answers.ItemAgentKeysView)!.Data;
        var binding = BindingOf(keys);
        if (!Ed25519.Verify(binding.Identity.Span, binding.SignedBytes(), binding.Signature.Span))
        {
            throw new ParleyException(ErrorCode.IntegrityFailed, "The hub told keys that the agent's identity key has not signed: take its export by hand.");
        }

        var peer = new PeerEntry(name ?? AgentAddress.Parse(keys.Address).Name, host, port, CertificatePin.OfKeyHash(PeerKeyText.HashOf(binding.Tls.Span)), PeerProfile.JwtEddsa) { VerifyKey = binding.Identity };
        return (PeerExport.Of(peer, certificatePem: null), KeyFingerprint.Of(binding.Identity.Span));
    }

    private static KeyBinding BindingOf(AgentKeysView keys)
    {
        try
        {
            return new KeyBinding(Convert.FromBase64String(keys.Identity), Convert.FromBase64String(keys.KeyAgreement), Convert.FromBase64String(keys.Tls), Convert.FromBase64String(keys.Signature));
        }
        catch (FormatException exception)
        {
            throw new ParleyException(ErrorCode.ProtocolViolation, "The hub told keys that are no base64.", exception);
        }
    }
}
