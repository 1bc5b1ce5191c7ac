using Parley.Protocol.Errors;
using Parley.Protocol.Management;

namespace Parley.Hub.Management;

/// <summary>The rule for pages: limit 1 to 1,000 (100), offset from 0.</summary>
internal static class Paging
{
    /// <summary>Limit and offset that a caller asked for.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static (int Limit, int Offset) Read(ListArguments arguments)
    {
        var (limit, offset) = (arguments.Limit ?? Page<object>.DefaultLimit, arguments.Offset ?? 0);
        return limit is >= 1 and <= Page<object>.MaxLimit && offset >= 0
            ? (limit, offset)
            : throw new ParleyException(ErrorCode.InvalidArgument, $"The limit is 1 to {Page<object>.MaxLimit}, the offset not below 0.");
    }

    /// <summary>A page of a list that is in memory.</summary>
    public static Page<TView> Of<T, TView>(IReadOnlyCollection<T> all, ListArguments arguments, Func<T, TView> view)
    {
        var (limit, offset) = Read(arguments);
        return new Page<TView>([.. all.Skip(offset).Take(limit).Select(view)], new PageMeta(all.Count, limit, offset));
    }
}
