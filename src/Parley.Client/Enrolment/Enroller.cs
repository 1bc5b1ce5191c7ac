using Parley.Client.Config;
using Parley.Client.HubApi;
using Parley.Protocol.Errors;
using Parley.Protocol.Identity;
using Parley.Protocol.Management;
using Parley.Protocol.Messaging;

namespace Parley.Client.Enrolment;

/// <summary>Makes a home an agent of a hub: makes its keys, proves them together with the join token, and keeps what the hub answers.</summary>
public sealed class Enroller(TimeProvider time, FillRandom random)
{
    private const string LockName = "join";

    /// <summary>Joins.</summary>
    /// <param name="home">The home that becomes an agent.</param>
    /// <param name="join">The hub and the token.</param>
    /// <param name="name">The name asked for; empty lets the hub choose.</param>
    /// <param name="labels">Labels asked for; the token's own are added.</param>
    /// <param name="allowInsecure">Whether plain HTTP to another machine is accepted, now and for the link.</param>
    /// <param name="cancellationToken">Ends the wait; the hub may have enrolled the key by then.</param>
    /// <returns>What the hub says of the new agent; the profile is saved.</returns>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.JoinAlready"/>, <see cref="ErrorCode.Conflict"/>, <see cref="ErrorCode.HubUnreachable"/>, <see cref="ErrorCode.PinMismatch"/>, or what the hub refused with.
    /// </exception>
    public async Task<EnrolResult> JoinAsync(
        HomeFolder home, JoinString join, string name, IReadOnlyDictionary<string, string> labels, bool allowInsecure, CancellationToken cancellationToken)
    {
        using var held = home.TryLock(LockName) ?? throw new ParleyException(ErrorCode.Conflict, "Another process is joining a hub with this home.");
        if (HubProfile.TryLoad(home) is { } present)
        {
            throw new ParleyException(ErrorCode.JoinAlready, $"This home is {present.Agent} at the hub {present.HubId} already.");
        }

        using var client = new HubApiClient(join.Http, join.Pin, allowInsecure, key: null);
        using var identity = HomeIdentity.LoadOrCreate(home);
        var request = Sign(identity, join, name, labels);
        var json = ManagementJson.Answers;
        var result = (await client.PostAsync("/api/enrol", request, json.EnrolRequest, json.ItemEnrolResult, cancellationToken)).Data;

        // The join string's addresses are the ones that were just reached, and an admin vouched for them.
        new HubProfile(AgentAddress.Parse(result.Address), join.HubId, join.Http, join.Grpc, join.Pin, allowInsecure, time.GetUtcNow()).Save(home);
        return result;
    }

    private EnrolRequest Sign(HomeIdentity identity, JoinString join, string name, IReadOnlyDictionary<string, string> labels)
    {
        var nonce = new byte[EnrolProof.NonceSize];
        random(nonce);
        var signedAt = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

        // The handshake accepts the pinned key alone, so the pin is the key that this connection shows.
        byte[] hubKeyHash = join.Pin?.ToHash() ?? [];
        var proof = EnrolProof.Build(join.HubId, hubKeyHash, EnrolProof.HashToken(join.Token), identity.PublicKey, name, nonce, signedAt);
        return new EnrolRequest(
            join.Token,
            name,
            new Dictionary<string, string>(labels),
            identity.PublicKey.ToArray(),
            identity.Binding.KeyAgreement.ToArray(),
            identity.Binding.Tls.ToArray(),
            identity.Binding.Signature.ToArray(),
            nonce,
            signedAt.ToUnixTimeMilliseconds(),
            identity.Sign(proof));
    }
}
