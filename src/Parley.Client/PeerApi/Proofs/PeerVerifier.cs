using System.Security.Cryptography;
using System.Text;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>Whether a request is from whom it says: first by its head, so that strangers' bodies are not read, then by its body, once.</summary>
/// <remarks>Who asks is taken from the token, how it must be proved from that peer's entry alone. Thread-safe.</remarks>
/// <param name="spent">Tokens that were used.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PeerVerifier(SpentTokens spent, TimeProvider timeProvider)
{
    /// <summary>How far the peer's clock may be ahead of ours, in seconds.</summary>
    public const int MaxAhead = 5;

    private const string Scheme = "Bearer ";
    private const int MaxIdLength = 128;

    /// <summary>Looks at the head.</summary>
    /// <param name="self">Who we are and whom we know.</param>
    /// <param name="head">The request's head.</param>
    /// <param name="caller">Who asks, when there is no fault.</param>
    public ProofFault CheckHead(PeerDirectory self, PeerRequestHead head, out PeerCaller? caller)
    {
        caller = null;
        if (head.PeerId is { } id && self.Peers.TryGetValue(id, out var named) && named.Profile == PeerProfile.AbtarsReqV1)
        {
            return CheckWholeHead(named, head, out caller);
        }

        if (head.Authorization is not { } authorization || !authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return head.PeerId is null ? ProofFault.Missing : ProofFault.UnknownPeer;
        }

        var text = authorization[Scheme.Length..].Trim();
        if (!CompactJwt.TryRead(text, out var token))
        {
            return ProofFault.Malformed;
        }

        if (token.Claims.Issuer is not { } issuer || !self.Peers.TryGetValue(issuer, out var peer))
        {
            return ProofFault.UnknownPeer;
        }

        var fault = peer.Profile switch
        {
            PeerProfile.JwtEddsa => CheckSigned(self, peer, head, token, text),
            PeerProfile.JwtHs256 => CheckMac(token, self.Name, peer.Token!, "JWT"),
            _ => ProofFault.WrongKind,
        };
        if (fault == ProofFault.None)
        {
            var hops = token.Claims.Hops ?? (long.TryParse(head.Hops, out var told) ? told : null);
            caller = new PeerCaller(peer, token.Claims, peer.Profile == PeerProfile.JwtEddsa ? token.Claims.Hops : hops, head.Session);
        }

        return fault;
    }

    /// <summary>Who a token says it is of, which nothing has proved; null for no token.</summary>
    internal static string? IssuerOf(PeerRequestHead head) =>
        head.Authorization is { } authorization && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && CompactJwt.TryRead(authorization[Scheme.Length..].Trim(), out var token)
            ? token.Claims.Issuer
            : null;

    /// <summary>Looks at the body of a caller whose head was sound, and spends the token. Asked once for each request.</summary>
    public ProofFault CheckBody(PeerCaller caller, ReadOnlySpan<byte> body)
    {
        if (caller.Peer.Profile == PeerProfile.JwtHs256)
        {
            return ProofFault.None;
        }

        if (caller.Head is { } head)
        {
            return AbtarsSignature.IsOf(caller.Peer.VerifyKey.Span, head, body) ? Spend(caller, "nonce\0" + caller.Claims.Id) : ProofFault.BadSignature;
        }

        return AreEqual(caller.Claims.BodyHash!, PeerProof.HashOf(body)) ? Spend(caller, caller.Claims.Id!) : ProofFault.OtherBody;
    }

    private ProofFault Spend(PeerCaller caller, string id) => spent.TrySpend(caller.Peer.Name, id, caller.Claims.Expires!.Value) switch
    {
        SpentOutcome.New => ProofFault.None,
        SpentOutcome.Full => ProofFault.TooMany,
        _ => ProofFault.Replayed,
    };

    // The signature is over the body too: it is looked at when that was read.
    private ProofFault CheckWholeHead(PeerEntry peer, PeerRequestHead head, out PeerCaller? caller)
    {
        caller = null;
        if (head is not { Timestamp: { } time, Nonce: { Length: > 0 and <= MaxIdLength } nonce, Signature: not null } || !nonce.All(char.IsAsciiLetterOrDigit) ||
            !long.TryParse(time, System.Globalization.NumberStyles.None, null, out var seconds))
        {
            return ProofFault.Malformed;
        }

        var age = timeProvider.GetUtcNow().ToUnixTimeSeconds() - seconds;
        if (age is > AbtarsSignature.MaxSkew or < -AbtarsSignature.MaxSkew)
        {
            return age > 0 ? ProofFault.Expired : ProofFault.FromTheFuture;
        }

        var claims = new PeerClaims { Issuer = peer.Name, Id = nonce, IssuedAt = seconds, Expires = seconds + AbtarsSignature.MaxSkew };
        caller = new PeerCaller(peer, claims, long.TryParse(head.Hops, out var hops) ? hops : null, head.Session) { Head = head };
        return ProofFault.None;
    }

    private ProofFault CheckSigned(PeerDirectory self, PeerEntry peer, PeerRequestHead head, CompactJwt token, string text)
    {
        if (token.Algorithm != PeerProof.Eddsa || token.Type != PeerProof.TokenType)
        {
            return ProofFault.WrongKind;
        }

        if (!Ed25519.Verify(peer.VerifyKey.Span, token.SignedBytes.Span, token.Signature.Span))
        {
            return ProofFault.BadSignature;
        }

        var claims = token.Claims;
        var fault = CheckClaims(claims, self.Name);
        if (fault != ProofFault.None)
        {
            return fault;
        }

        if (claims.Id is not { Length: > 0 and <= MaxIdLength } || claims.BodyHash is null || claims.Hops is null)
        {
            return ProofFault.ClaimMissing;
        }

        var isThis = claims.Method == head.Method && claims.Path == head.Target && claims.Session == head.Session &&
            (head.Hops is null || (long.TryParse(head.Hops, out var hops) && hops == claims.Hops));
        return isThis ? CheckSecond(self, peer, head, text) : ProofFault.OtherRequest;
    }

    /// <summary>The second proof of a peer that shares a secret with us as well.</summary>
    private ProofFault CheckSecond(PeerDirectory self, PeerEntry peer, PeerRequestHead head, string text)
    {
        if (peer.Token is not { } secret)
        {
            return ProofFault.None;
        }

        var isSound = CompactJwt.TryRead(head.Proof, out var proof) && CheckMac(proof, self.Name, secret, PeerProof.ProofType) == ProofFault.None &&
            proof.Claims.Issuer == peer.Name && proof.Claims.TokenHash is { } hash && AreEqual(hash, PeerProof.HashOf(text));
        return isSound ? ProofFault.None : ProofFault.ProofWrong;
    }

    private ProofFault CheckMac(CompactJwt token, string self, string secret, string type)
    {
        if (token.Algorithm != PeerProof.Hs256 || token.Type != type)
        {
            return ProofFault.WrongKind;
        }

        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), token.SignedBytes.Span);
        return CryptographicOperations.FixedTimeEquals(mac, token.Signature.Span) ? CheckClaims(token.Claims, self) : ProofFault.BadSignature;
    }

    private ProofFault CheckClaims(PeerClaims claims, string self)
    {
        if (claims.Audience != self)
        {
            return ProofFault.WrongAudience;
        }

        if (claims.IssuedAt is not { } issued || claims.Expires is not { } expires)
        {
            return ProofFault.ClaimMissing;
        }

        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        return expires < now ? ProofFault.Expired
            : issued > now + MaxAhead ? ProofFault.FromTheFuture
            : issued < 0 || expires > issued + (long)PeerProof.Lifetime.TotalSeconds ? ProofFault.LivesTooLong
            : ProofFault.None;
    }

    private static bool AreEqual(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
