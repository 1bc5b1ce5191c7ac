using System.Text;
using Parley.Client.Config;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Rotation;

/// <summary>Gives a home new keys for its peers. Its caller holds the lock <see cref="PeerRotations.LockName"/>.</summary>
/// <remarks>
/// The new signing key is used at once, and each request tells who signed it; the old certificate is shown until the overlap ends, since a peer that has not asked yet knows no other.
/// Files are written so that a crash leaves what was, or what follows: new keys, statement, and last peers.json, which puts them to use.
/// </remarks>
/// <param name="home">The home.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class KeyRotation(HomeFolder home, TimeProvider timeProvider)
{
    /// <summary>How long the old certificate is shown unless told otherwise. <value>7 days.</value></summary>
    public static readonly TimeSpan DefaultOverlap = TimeSpan.FromDays(7);

    /// <summary>The certificate that peers are shown now; ends a rotation whose time has come.</summary>
    public PeerCertificateFiles Current()
    {
        FinishIfDue();
        return home.Has(PeerCertificateFiles.RotatedCertificateName)
            ? new PeerCertificateFiles(home.FullPath, timeProvider, PeerCertificateFiles.RotatedCertificateName, PeerCertificateFiles.RotatedKeyName)
            : new PeerCertificateFiles(home.FullPath, timeProvider);
    }

    /// <summary>The rotation that is under way; null for none.</summary>
    public RotationStatement? Pending()
    {
        if (home.ReadSecret(PeerCertificateFiles.NextCertificateName) is not { } pem || RotationFile.Read(home.PathOf(RotationFile.Name)) is not { Count: > 0 } statements)
        {
            return null;
        }

        // Files of one that was interrupted before it began belong to no statement in use.
        var last = statements[^1];
        return last.NewPin.Matches(Ed25519Certificate.FromPem(Encoding.ASCII.GetString(pem))) && IsInUse(last) ? last : null;
    }

    /// <summary>When the keys that a home uses now were made by a rotation; null: they were not.</summary>
    public static DateTimeOffset? LastOf(HomeFolder home, PeerDirectory self)
    {
        var path = home.PathOf(RotationFile.Name);
        return self.SigningKey is { } key && RotationFile.Read(path) is { Count: > 0 } made && made[^1].NewKey.Span.SequenceEqual(key.PublicKey) ? new DateTimeOffset(File.GetLastWriteTimeUtc(path)) : null;
    }

    /// <summary>Begins one.</summary>
    /// <param name="self">The directory as it is.</param>
    /// <param name="overlap">How long the old certificate is still shown; zero: not at all.</param>
    /// <exception cref="ParleyException"><see cref="ErrorCode.Conflict"/>: one is under way. <see cref="ErrorCode.InvalidArgument"/>: there is no signing key, or the overlap is longer than <see cref="PeerExport.MaxOverlap"/>.</exception>
    public RotationStatement Begin(PeerDirectory self, TimeSpan overlap)
    {
        if (overlap > PeerExport.MaxOverlap)
        {
            throw new ParleyException(ErrorCode.InvalidArgument, $"The overlap is at most {PeerExport.MaxOverlap.Days}d: peers count the old certificate no longer, whatever they are told.");
        }

        FinishIfDue();
        if (Pending() is { } pending)
        {
            throw new ParleyException(ErrorCode.Conflict, $"A rotation is under way until {DateTimeOffset.FromUnixTimeSeconds(pending.Until):u}. To end it now: parley peer rotate --finish");
        }

        var oldKey = self.SigningKey ?? throw new ParleyException(ErrorCode.InvalidArgument, "peers.json has no self.signingKey: run parley peer init, or set it.");
        using var old = Current().Load();
        var isOneKey = oldKey.PublicKey.SequenceEqual(old.Certificate.PublicKey);
        using var newKey = Ed25519Key.Generate();
        using var tlsKey = isOneKey ? null : Ed25519Key.Generate();
        var certificate = SelfSignedCertificate.Make(tlsKey ?? newKey, self.Name, [], PeerCertificateFiles.Lifetime, timeProvider);
        var keyName = NextKeyName();
        Write(keyName, newKey.ExportPkcs8Pem());
        Write(PeerCertificateFiles.NextKeyName, (tlsKey ?? newKey).ExportPkcs8Pem());
        Write(PeerCertificateFiles.NextCertificateName, certificate.ToPem());
        var statement = RotationStatement.Make(self.Name, oldKey, old, newKey, certificate, timeProvider.GetUtcNow() + overlap);
        RotationFile.Add(home.PathOf(RotationFile.Name), statement);
        home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(PeerExport.UseKey(Encoding.UTF8.GetString(home.ReadSecret(PeersFile.Name)!), $"{{{{file.{keyName}}}}}")));
        FinishIfDue();
        return statement;
    }

    /// <summary>Ends one: from now on the new certificate is shown.</summary>
    public void Finish()
    {
        // The key first: a pair whose certificate is still to come is known by the certificate that waits.
        Move(PeerCertificateFiles.NextKeyName, PeerCertificateFiles.RotatedKeyName);
        Move(PeerCertificateFiles.NextCertificateName, PeerCertificateFiles.RotatedCertificateName);
    }

    private void FinishIfDue()
    {
        var isHalf = home.Has(PeerCertificateFiles.NextCertificateName) && !home.Has(PeerCertificateFiles.NextKeyName);
        if (isHalf || (Pending() is { } pending && pending.Until <= timeProvider.GetUtcNow().ToUnixTimeSeconds()))
        {
            Finish();
        }
    }

    private bool IsInUse(RotationStatement statement)
    {
        var name = home.ReadSecret(PeersFile.Name) is { } file ? PeerExport.KeyFileOf(Encoding.UTF8.GetString(file)) : null;
        if (name is null || home.ReadSecret(name) is not { } pem)
        {
            return false;
        }

        using var key = PeerKeyText.ReadPrivate(Encoding.ASCII.GetString(pem));
        return statement.NewKey.Span.SequenceEqual(key.PublicKey);
    }

    private void Move(string from, string to)
    {
        try
        {
            File.Move(home.PathOf(from), home.PathOf(to), overwrite: true);
        }
        catch (FileNotFoundException)
        {
            // Another process of this home was faster.
        }
    }

    private string NextKeyName()
    {
        var number = 2;
        while (home.Has($"peer.{number}.key"))
        {
            number++;
        }

        return $"peer.{number}.key";
    }

    private void Write(string name, string pem) => home.WriteSecret(name, Encoding.ASCII.GetBytes(pem));
}
