namespace Parley.Client.Peering.Paths;

/// <summary>One kind of path, for all sessions of a process.</summary>
internal interface IPathMaker
{
    /// <summary>Which kind.</summary>
    PathKind Kind { get; }

    /// <summary>The DTLS certificate of a new session, for the one kind that needs one; null for the others, whose TLS certificate the session has anyway.</summary>
    ISessionCertificate? MakeCertificate() => null;

    /// <summary>Makes what tries this kind once.</summary>
    IPathOpener Make(PathContext context);
}
