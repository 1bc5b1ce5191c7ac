namespace Parley.Hub.Transports.Link;

/// <summary>A transport that a web page may have opened.</summary>
internal interface IPageTransport
{
    /// <summary>Whether the hub's own page opened it: it serves visitors alone, whatever key proves itself.</summary>
    bool IsFromPage { get; }
}
