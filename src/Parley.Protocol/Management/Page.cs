namespace Parley.Protocol.Management;

/// <summary>One page of a list, the shape of every list on <c>/api</c>.</summary>
/// <param name="Data">The entries.</param>
/// <param name="Meta">Where the page lies.</param>
public sealed record Page<T>(IReadOnlyList<T> Data, PageMeta Meta)
{
    /// <summary>Entries of a page when nobody says how many.</summary>
    public const int DefaultLimit = 100;

    /// <summary>Most entries of a page.</summary>
    public const int MaxLimit = 1000;
}

/// <summary>Where a page lies in its list.</summary>
/// <param name="Total">Entries of the whole list.</param>
/// <param name="Limit">Most entries of this page.</param>
/// <param name="Offset">Entries before this page.</param>
public sealed record PageMeta(long Total, int Limit, int Offset);

/// <summary>One thing, the shape of every answer on <c>/api</c> that is no list.</summary>
/// <param name="Data">The thing.</param>
public sealed record Item<T>(T Data);
